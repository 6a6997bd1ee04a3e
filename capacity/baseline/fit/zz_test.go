package fit
import ("testing";"fmt")
func TestZZ(t *testing.T){
 for _,p:=range []pod{{2,22,0.6,7.5/22,7.5,20},{2,22,0.6,1,7.5,20},{4,10,1.5,.5,5,20},{1,20,0.5,.25,5,15}} {
  cap:=1000*float64(p.workers)/(p.millis*p.busy)
  var rates []float64
  for _,u:=range []float64{.1,.2,.3,.4,.5,.6,.7,.8} {rates=append(rates,u*cap)}
  r:=p.fitted(t,7,6000,rates...)
  fmt.Printf("%+v\n knee %+v cv2 %.3f svc %.3f (%.3f) cpu %+v\n",p,r.Knee,r.Planned.service.cv2,r.Planned.service.millis,r.Planned.service.stdErr,*r.CPU)
  for _,m:=range r.Models {fmt.Printf("   %-10s err %.2f held %.2f aic %.1f busy %.2f\n",m.Name,m.ErrorPercent,m.HeldOutPercent,m.criterion,m.model.busy)}
  for _,h:=range r.HeldOut {fmt.Printf("   %+v\n",h)}
  for _,s:=range r.Steps {fmt.Printf("   %.1f %.1f n%d p99 %.1f [%.1f %.1f] ca2 %.2f %v\n",s.OfferedRPS,s.AchievedRPS,s.Requests,s.P99Millis,s.P99LowMillis,s.P99HighMillis,s.ArrivalCV2,s.Broken)}
  for _,n:=range r.Notes {fmt.Println("  -",n)}
  for _,k:=range r.Knees {fmt.Println("  k",k)}
  fmt.Println(show(r.USL),r.Best.Name, r.Figures)
 }
}
